%rep 60000
%rep 60000
        nop
%endrep
%endrep
