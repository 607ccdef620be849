// Runs before an object goes to the viewer.
//
// CloudFront keeps the body that the bucket or the cache answered, except where JSON tells how long to wait.
// Of the headers that come with it only those named below pass: whoever writes an object chooses many of them, and with
// a validator a 503 would be revalidated into a 304. Via and Warning cannot be removed.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
function handler(event) {
    const request = event.request;
    const response = event.response;
    const headers = response.headers;
    const planned = text(headers, 'x-amz-meta-planned') === 'true';
    const named = text(headers, 'x-amz-meta-ends-at');
    const end = Date.parse(named);
    // CloudFront's engine reads 2026-13-99 as a time, too.
    const endsAt = end > 0 && new Date(end).toISOString().replace('.000', '') === named ? named : '';
    const left = endsAt ? Math.ceil((end - Date.now()) / 1000) : 0;
    const type = text(headers, 'content-type');
    const format = type.indexOf('json') > 0 ? 'json' : type.indexOf('html') > 0 ? 'html' : 'txt';
    // After the announced end nobody knows more than before it was announced. A day is the longest that anybody should
    // stay away. Two minutes is the shortest: libcurl keeps a connection for 118 s, and `curl --retry` that comes back
    // sooner meets the edge on it wherever DNS points by then.
    const seconds = left > 0 ? Math.min(Math.max(left, 120), 86400) : SITE.retryAfter;
    const retryAfter = patience(request, format, seconds);
    Object.keys(headers).forEach((name) => {
        if (!/^(age|content-(encoding|length)|date|server|transfer-encoding|via|warning)$/.test(name)) {
            delete headers[name];
        }
    });
    const ours = always(request, retryAfter);
    Object.keys(ours).forEach((name) => {
        headers[name] = ours[name];
    });
    headers['content-type'] = { value: SITE.types[format] };
    const language = /\/([A-Za-z-]+)\.(html|txt)$/.exec(request.uri);
    if (language && SITE.languages.indexOf(language[1]) >= 0) {
        headers['content-language'] = { value: language[1] };
    }
    response.statusCode = 503;
    response.statusDescription = 'Service Unavailable';
    if (format === 'json') {
        delete headers['content-encoding'];
        delete headers['content-length'];
        if (request.method !== 'HEAD') {
            response.body = { encoding: 'text', data: problem(retryAfter, planned, endsAt) };
        }
    }
    return response;
}
