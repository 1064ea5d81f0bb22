"""Keras' SimpleRNN on TensorFlow, unrolled: the network of `lib/rnn` on MNIST by rows, on two threads.

    python keras_trainer.py DIRECTORY

Takes orders as `mnist_rows.obey` does. One traced step of forward pass, gradient and update; samples are gathered inside it.
"""
import keras
import tensorflow

from mnist_rows import obey

THREADS, HIDDEN = 2, 128
tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
tensorflow.config.threading.set_inter_op_parallelism_threads(1)
OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "adagrad": keras.optimizers.Adagrad}


class Trainer:
    def __init__(self, images, labels, method, rate, seed):
        keras.utils.set_random_seed(seed)
        self.images, self.labels = tensorflow.constant(images), tensorflow.constant(labels)
        self.model = keras.Sequential(
            [keras.Input((28, 28)), keras.layers.SimpleRNN(HIDDEN, unroll=True), keras.layers.Dense(10)]
        )
        self.optimizer = OPTIMIZERS[method](learning_rate=rate)
        self.optimizer.build(self.model.trainable_variables)
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.traced = tensorflow.function(self.update)

    def update(self, at):
        variables = self.model.trainable_variables
        with tensorflow.GradientTape() as tape:
            outputs = self.model(tensorflow.gather(self.images, at), training=True)
            loss = self.loss(tensorflow.gather(self.labels, at), outputs)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    def step(self, at):
        self.last = self.traced(tensorflow.constant(at))

    def prepare(self, batches):
        """Traces the step, which would else count as training."""
        self.traced.get_concrete_function(tensorflow.TensorSpec((batches.size,), tensorflow.int64))

    def wait(self):
        self.last.numpy()

    def accuracy(self, at):
        outputs = self.model(tensorflow.gather(self.images, at))
        right = tensorflow.argmax(outputs, 1) == tensorflow.gather(self.labels, at)
        return float(tensorflow.reduce_mean(tensorflow.cast(right, tensorflow.float32)))


obey(Trainer)
