#import <Foundation/Foundation.h>

int main(void) {
    NSLog(@"%d", answer);
}
