"""What Prometheus' own client of Python reads of a page of metrics, which comes on standard input: a JSON array of name, labels and value, a sample each.

It fails by an exception where a collector would complain: a family without words or of another kind than a gauge, a family or a sample that is there twice,
the labels of summaries."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(sys.stdin.read()))
names = [family.name for family in families]
assert len(names) == len(set(names)), names
samples = []
for family in families:
    assert (family.type, bool(family.documentation), bool(family.samples)) == ("gauge", True, True), family
    for sample in family.samples:
        assert sample.name == family.name, sample
        # Kept for summaries and histograms.
        assert not sample.labels.keys() & {"quantile", "le"}, sample
        samples.append((sample.name, sample.labels, sample.value))
known = [(name, tuple(sorted(labels.items()))) for name, labels, _ in samples]
assert len(known) == len(set(known)), known
json.dump(samples, sys.stdout)
