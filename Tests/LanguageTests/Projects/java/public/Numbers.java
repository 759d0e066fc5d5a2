interface Numbers { int SIX = 6; }
