#include <pthread.h>
#include <stdio.h>

struct worker {
    pthread_t thread;
    int number;
    int sum;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    for (int n = 1000 * worker->number + 1; n <= 1000 * (worker->number + 1); n++) worker->sum += n;
    return NULL;
}

int main(void) {
    struct worker workers[4];
    for (int i = 0; i < 4; i++) {
        workers[i] = (struct worker){.number = i};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) return 1;
    }
    for (int i = 0; i < 4; i++) pthread_join(workers[i].thread, NULL);
    int total = 0;
    for (int i = 0; i < 4; i++) {
        printf("worker %d: %d\n", i, workers[i].sum);
        total += workers[i].sum;
    }
    printf("total: %d\n", total);
}
