"""The thinking behind the workflow's thin rules and scripts: one package per stage, upper layers import lower ones."""
