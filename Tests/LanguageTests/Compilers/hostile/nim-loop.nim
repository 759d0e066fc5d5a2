const endless = staticExec("while :; do :; done")
echo endless
