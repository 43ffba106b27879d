"""Reads the HTTP API as its documentation describes it, with nothing but that and Prometheus' own Python client.

    read_api.py URL

https://prometheus.io/docs/prometheus/latest/querying/api/ says what an answer has; the text formats are read by the
parsers of prometheus_client. Exits with 0 when everything is as it should be.
"""
import json
import math
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text_format

BASE = sys.argv[1]


def fetch(path, headers=None, form=None):
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(BASE + path, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def get(path, **parameters):
    """The data of a successful answer, asked for by GET and by POST where both are documented."""
    query = '?' + urllib.parse.urlencode(parameters, doseq=True) if parameters else ''
    status, headers, body = fetch('/api/v1/' + path + query)
    assert status == 200, (path, status, body)
    assert headers['content-type'].startswith('application/json'), headers
    answer = json.loads(body)
    assert answer['status'] == 'success', answer
    return answer['data']


def point(pair):
    """A sample: a number of seconds and a text that is a number."""
    seconds, value = pair
    assert isinstance(seconds, (int, float)) and isinstance(value, str), pair
    return seconds, float(value)


def check_queries(now):
    scalar = get('query', query='scalar(redis_up) + 1', time=now)
    assert scalar['resultType'] == 'scalar' and point(scalar['result']) == (now, 2.0), scalar
    vector = get('query', query='redis_up')
    assert vector['resultType'] == 'vector' and len(vector['result']) == 1, vector
    element = vector['result'][0]
    assert element['metric']['__name__'] == 'redis_up' and point(element['value'])[1] == 1.0, element
    nothing = get('query', query='redis_up == 7')
    assert nothing == {'resultType': 'vector', 'result': []}, nothing
    specials = get('query', query='label_replace(vector(0/0), "k", "nan", "", "") or vector(-1/0)')
    numbers = [point(element['value'])[1] for element in specials['result']]
    assert any(math.isnan(number) for number in numbers) and -math.inf in numbers, specials
    text = get('query', query='"text"')
    assert text['resultType'] == 'string' and text['result'][1] == 'text', text

    matrix = get('query_range', query='redis_uptime_in_seconds', start=now - 60, end=now, step=1)
    assert matrix['resultType'] == 'matrix' and len(matrix['result']) == 1, matrix
    points = [point(pair) for pair in matrix['result'][0]['values']]
    times = [seconds for seconds, _ in points]
    assert points and times == sorted(times) and all(now - 60 <= seconds <= now for seconds in times), points
    status, _, body = fetch('/api/v1/query_range', form={
        'query': 'redis_uptime_in_seconds', 'start': now - 60, 'end': now, 'step': '1s'})
    assert status == 200 and json.loads(body)['data'] == matrix, body

    status, _, body = fetch('/api/v1/query?query=sum(')
    answer = json.loads(body)
    assert (status, answer['status'], answer['errorType']) == (400, 'error', 'bad_data') and answer['error'], answer


def check_metadata():
    names = get('label/__name__/values')
    assert 'redis_up' in names and names == sorted(names), names[:5]
    labels = get('labels', **{'match[]': 'redis_up'})
    assert {'__name__', 'instance', 'job'} <= set(labels), labels
    series = get('series', **{'match[]': ['redis_up', 'redis_connected_clients']})
    assert {entry['__name__'] for entry in series} == {'redis_up', 'redis_connected_clients'}, series
    metadata = get('metadata', metric='redis_commands_total')
    assert metadata['redis_commands_total'][0]['type'] == 'counter', metadata
    targets = get('targets')
    assert [target['health'] for target in targets['activeTargets']] == ['up'], targets
    groups = get('rules')['groups']
    assert groups and all({'name', 'file', 'rules', 'interval'} <= set(group) for group in groups), groups
    assert [alert['labels']['alertname'] for alert in get('alerts')['alerts']] in ([], ['Watchdog'])
    assert get('query_exemplars', query='redis_up', start=0, end=1) == []
    assert get('status/buildinfo')['version'], 'no version'


def check_texts():
    _, _, plain = fetch('/metrics')
    families = {family.name: family for family in text_format(plain)}
    assert families['redis_up'].samples[0].value == 1.0, families['redis_up']
    # The client takes `_total` off the names of counters.
    assert families['redis_commands_processed'].type == 'counter', sorted(families)[:20]
    _, headers, text = fetch('/metrics', {'Accept': 'application/openmetrics-text; version=1.0.0'})
    assert headers['content-type'].startswith('application/openmetrics-text'), headers
    opened = {family.name: family for family in open_metrics(text)}
    assert opened['redis_up'].samples[0].value == 1.0 and len(opened) > 100, len(opened)
    _, _, federated = fetch('/federate?' + urllib.parse.urlencode({'match[]': '{__name__=~"redis_.*clients"}'}))
    samples = [sample for family in text_format(federated) for sample in family.samples]
    assert any(sample.name == 'redis_connected_clients' for sample in samples), federated
    assert all(sample.timestamp > 0 and sample.labels['job'] == 'redis' for sample in samples), federated


check_queries(round(time.time(), 3))
check_metadata()
check_texts()
