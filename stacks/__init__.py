"""The CloudFormation stacks: `stage.py` holds the two stacks, every other module one construct of them."""
