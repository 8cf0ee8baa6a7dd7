"""What the scripts of the workflow share: everything worth a unit test lives here."""
