#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4, NUMBERS = 1000000 };

static long long sum;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *add(void *argument) {
    long first = *(long *)argument;
    long long own = 0;
    for (long i = first; i < NUMBERS; i += THREADS) own += i;
    pthread_mutex_lock(&lock);
    sum += own;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    long first[THREADS];
    for (int i = 0; i < THREADS; i++) {
        first[i] = i;
        if (pthread_create(&threads[i], NULL, add, &first[i]) != 0) return 1;
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    printf("the numbers below %d add up to %lld\n", NUMBERS, sum);
    return 0;
}
