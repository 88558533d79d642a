"""The data catalog as Glue's and Athena's clients read it, where the emulator's answers fall short."""
