#define A0 x; x; x; x; x; x; x; x; x; x;
#define A1 A0 A0 A0 A0 A0 A0 A0 A0 A0 A0
#define A2 A1 A1 A1 A1 A1 A1 A1 A1 A1 A1
#define A3 A2 A2 A2 A2 A2 A2 A2 A2 A2 A2
#define A4 A3 A3 A3 A3 A3 A3 A3 A3 A3 A3
struct s { int y; };
int f0(void) { A4 return y0; }
int f1(void) { A4 return y1; }
int f2(void) { A4 return y2; }
int f3(void) { A4 return y3; }
int f4(void) { A4 return y4; }
int f5(void) { A4 return y5; }
int f6(void) { A4 return y6; }
int f7(void) { A4 return y7; }
int f8(void) { A4 return y8; }
int f9(void) { A4 return y9; }
int f10(void) { A4 return y10; }
int f11(void) { A4 return y11; }
int f12(void) { A4 return y12; }
int f13(void) { A4 return y13; }
int f14(void) { A4 return y14; }
int f15(void) { A4 return y15; }
int f16(void) { A4 return y16; }
int f17(void) { A4 return y17; }
int f18(void) { A4 return y18; }
int f19(void) { A4 return y19; }
int main(void) { return 0; }
