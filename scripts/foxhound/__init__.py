"""Hold the thinking behind the workflow's thin rules and scripts: a package per stage, upper ones import lower ones."""
