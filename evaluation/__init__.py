"""The evaluation: answers and references in, metrics out.

This file only sets how many threads the sentence embeddings use. numpy reads that once, on its
first import, so it is set here, before any module of the package imports numpy.
"""

import os

# A second thread saves a third of the time on an idle machine. On a busy one, where several
# evaluations share two cores, the threads wait for each other and take several times as long.
# numpy may be built with any of these libraries, hence one variable for each.
for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
# The tokenizer's own thread pool brings no speed-up here.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
