sleep 0.2
echo awake
