<?php
usleep(200_000);
echo "awake\n";
