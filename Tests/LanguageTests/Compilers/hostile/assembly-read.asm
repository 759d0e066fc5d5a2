        section .data
        incbin  "/etc/shadow"
