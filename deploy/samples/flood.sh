# More output than anybody wants.
while :; do echo "and again, and again, and again"; done
