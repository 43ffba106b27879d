"""Asks a daemon what nobody should ask, and looks at its time and memory.

    hostile_queries.py URL PID SECONDS MEGABYTES

Every question must have an answer within SECONDS, one that the documentation of the API allows; the daemon must live,
answer others meanwhile, and never be larger than MEGABYTES more than it was.
"""
import concurrent.futures
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

BASE, PID, SECONDS, MEGABYTES = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
EVERYTHING = '{__name__=~".+"}'


def nested(function, depth, inner):
    return (function + '(') * depth + inner + ')' * depth


def subqueries(depth):
    expression = 'redis_up'
    for _ in range(depth):
        expression = f'max_over_time({expression}[1h:1s])'
    return expression


QUERIES = [
    '(' * 1000, '(' * 1000 + '1' + ')' * 1000, '[' * 100_000, '-' * 200_000 + '1', nested('sum', 5000, 'redis_up'),
    '1+' * (1 << 19) + '1', '"' + 'x' * (1 << 20) + '"', '{' + 'a="b",' * 150_000 + '}', '#' * (1 << 20),
    EVERYTHING + '[1h:1s]', f'count_over_time({EVERYTHING}[1h:1s])', f'quantile_over_time(0.5, {EVERYTHING}[1h:1s])',
    f'{EVERYTHING} * on () group_left () {EVERYTHING}', f'sum by () ({EVERYTHING}) / on () (redis_up * 0)',
    f'count_values("value", {EVERYTHING})', f'topk(1e308, {EVERYTHING})', f'quantile(NaN, {EVERYTHING})',
    f'sort_desc({EVERYTHING} or {EVERYTHING})', f'absent({EVERYTHING}[1h:1s])', subqueries(4), subqueries(60),
    'vector(1)[292y:1ms]', 'stddev_over_time(vector(1)[10000d:1ms])', 'redis_up[99999999999y]',
    'redis_up offset 99999999999y', 'redis_up @ 1e300', 'redis_up @ -9e18', 'rate(redis_up[290y] offset -290y)',
    'redis_up{a=~"' + '(.*' * 500 + ')*' * 500 + '"}', 'redis_up{a=~"' + '(' * 20_000 + '"}',
    'redis_up{a=~"((((a{100}){100}){100}){100})"}', '{__name__=~"(.*)*(.*)*(.*)*(.*)*x"}',
    'label_replace(redis_up, "a", "$1", "job", "(")', 'label_replace(redis_up, "a", "' + '$1' * 5000 + '", "job", "(.*)")',
    'label_join(redis_up, "a", "' + 'x' * 100_000 + '"' + ', "job"' * 2000 + ')',
    nested('label_replace', 8, 'redis_up')[:-8] + ', "job", "$1$1$1$1$1$1$1$1$1$1", "job", "(.*)")' * 8,
    '1e999999999', '0x' + 'f' * 100_000, '1' * 100_000, '\0', '\ufffd', '',
]
TIMES = ['1e300', '-1e300', '9223372036854775807', 'NaN', '999999999999', '-999999999999', '99999-01-01T00:00:00Z']


def ask(path, **form):
    request = urllib.request.Request(BASE + path, data=urllib.parse.urlencode(form).encode())
    started = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=SECONDS + 30) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    return status, body, time.monotonic() - started


def check(path, **form):
    status, body, taken = ask(path, **form)
    shown = (path, {name: value[:60] for name, value in form.items()}, status, body[:200])
    assert status in (200, 400, 413, 422, 503), shown
    # What is no request at all is refused before the API, in plain text.
    assert status in (200, 400, 413) or json.loads(body)['status'] == 'error', shown
    assert taken <= SECONDS, (taken, shown)
    return taken


def kilobytes(field):
    with open(f'/proc/{PID}/status') as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field + ':'))


def everything():
    now = time.time()
    for query in QUERIES:
        for path in ['/api/v1/format_query', '/api/v1/parse_query', '/api/v1/query']:
            yield path, {'query': query}
        yield '/api/v1/query_range', {'query': query, 'start': str(now - 3600), 'end': str(now), 'step': '1'}
        yield '/api/v1/series', {'match[]': query}
    for text in TIMES:
        yield '/api/v1/query', {'query': 'redis_up', 'time': text}
        yield '/api/v1/query_range', {'query': 'redis_up', 'start': text, 'end': text, 'step': text}
        yield '/api/v1/query', {'query': 'redis_up', 'timeout': text, 'lookback_delta': text}


before = kilobytes('VmHWM')
questions = list(everything())
slowest = max((check(path, **form), path, form.get('query', '')[:60]) for path, form in questions)
alone = kilobytes('VmHWM')
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    answers = [pool.submit(ask, path, **form) for path, form in questions[::7]]
    while not all(answer.done() for answer in answers):
        started = time.monotonic()
        with urllib.request.urlopen(BASE + '/-/healthy', timeout=SECONDS) as answer:
            assert answer.status == 200
        time.sleep(0.05)
    for answer in answers:
        assert answer.result()[0] in (200, 400, 413, 422, 503), answer.result()
after = kilobytes('VmHWM')
print(f'{len(questions)} questions; the slowest took {slowest[0]:.2f} s ({slowest[1]} {slowest[2]}); largest resident '
      f'size {before / 1024:.0f} MB before, {alone / 1024:.0f} MB one by one, {after / 1024:.0f} MB four at a time')
assert (after - before) / 1024 <= MEGABYTES, (before, after)
