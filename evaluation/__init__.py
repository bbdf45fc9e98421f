"""The evaluation: answers and references in, metrics out.

This file says how many threads the sentence embeddings take, and nothing else. numpy reads
that once, when it is first imported: here it is set whichever module is imported first.
"""

import os

# A second thread saves a third of the time on an idle machine; on a busy one, where several
# evaluations share two cores, the threads wait for each other and it takes several times as
# long. Each name is another library's that numpy may be built with; the last is a common one.
for _threads in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
# The tokenizer's own pool gains nothing here.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
