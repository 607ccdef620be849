"""What an owner's repository is made of: `understudy init` writes it, `understudy requirements` prints its locks."""
