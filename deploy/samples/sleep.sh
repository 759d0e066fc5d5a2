echo "waiting"
sleep 60
