-module(main).
-include("/etc/shadow").
main(_) -> ok.
