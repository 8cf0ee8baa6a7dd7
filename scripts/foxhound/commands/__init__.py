"""The subcommands of `foxhound`, a module each."""
