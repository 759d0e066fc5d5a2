#import "/etc/shadow"
