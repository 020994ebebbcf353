"""The workflows of `.github/`: what checks them, and every one of their steps run on the embedded AWS."""
