[CCode (cheader_filename = "/etc/shadow", cname = "shadow")]
extern int shadow;

void main() {
    print("%d\n", shadow);
}
