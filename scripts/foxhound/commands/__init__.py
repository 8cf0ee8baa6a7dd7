"""Run the subcommands of `foxhound`, a module each."""
