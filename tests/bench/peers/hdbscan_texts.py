"""TF-IDF and HDBSCAN: `hdbscan_texts.py FILE`, a JSON list of texts. Answers the cluster of each text as JSON, once for
each of three settings, its default first; what HDBSCAN calls noise joins the cluster with the nearest mean."""

# mypy: ignore-errors
# It runs in a virtual environment of its own, which the product's checks do not see.

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

SMALLEST_CLUSTERS = (5, 15, 50)


def main():
    texts = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    words = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2, max_features=20_000).fit_transform(texts)
    vectors = normalize(TruncatedSVD(50, random_state=0).fit_transform(words))
    answers = []
    for smallest in SMALLEST_CLUSTERS:
        labels = HDBSCAN(min_cluster_size=smallest).fit_predict(vectors)
        noise = labels < 0
        if not noise.all():
            means = normalize(np.stack([vectors[labels == each].mean(axis=0) for each in range(labels.max() + 1)]))
            labels[noise] = (vectors[noise] @ means.T).argmax(axis=1)
        answers.append({"labels": labels.tolist(), "noise": float(noise.mean())})
    print(json.dumps({"settings": answers}))


main()
