"""What the README's figures come from; run by `dev.py bench`."""
