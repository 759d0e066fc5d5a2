echo "about to fail"
exit 7
