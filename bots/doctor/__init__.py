"""`sotay doctor`: what is wrong with an installation, found before people notice. One file for each area."""
