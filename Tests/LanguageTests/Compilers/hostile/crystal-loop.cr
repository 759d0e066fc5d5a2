puts {{ `while :; do :; done`.stringify }}
