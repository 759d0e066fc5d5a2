#import "Square.h"

@implementation Square
- (id)initWithSide:(int)length {
    if ((self = [super init])) side = length;
    return self;
}
- (NSString *)description {
    return [NSString stringWithFormat:@"square of %d: %d", side, side * side];
}
@end
