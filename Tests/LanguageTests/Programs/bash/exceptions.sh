# An arithmetic error ends the shell it happens in, here a subshell.
if ! (echo $((10#12x))) 2>/dev/null; then
    echo caught
    exit 3
fi
