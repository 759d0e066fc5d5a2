#import "Square.h"

int main(void) {
    NSAutoreleasePool *pool = [NSAutoreleasePool new];
    for (int side = 6; side <= 7; side++) {
        Square *square = [[[Square alloc] initWithSide:side] autorelease];
        printf("%s\n", [[square description] UTF8String]);
    }
    [pool drain];
    return 0;
}
