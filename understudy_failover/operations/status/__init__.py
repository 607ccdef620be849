"""`status`: what serves each host, since when and why; switches, windows, certificates.

look.py      one observation of everything; what cannot be determined is listed
screen.py    an observation as text and as JSON
command.py   the command line, once or repeatedly
"""
