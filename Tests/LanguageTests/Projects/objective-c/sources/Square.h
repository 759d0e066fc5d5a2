#import <Foundation/Foundation.h>

@interface Square : NSObject {
    int side;
}
- (id)initWithSide:(int)length;
@end
