// Runs before an object goes to the viewer.
//
// CloudFront keeps the body that the bucket or the cache answered, except where JSON tells how long to wait.
// The bucket's validators go, because a 503 must not be revalidated into a 304.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
function handler(event) {
    const request = event.request;
    const response = event.response;
    const headers = response.headers;
    const planned = text(headers, 'x-amz-meta-planned') === 'true';
    const endsAt = text(headers, 'x-amz-meta-ends-at');
    const left = Math.ceil((Date.parse(endsAt) - Date.now()) / 1000);
    // Once the announced end has passed nobody knows more than before it was announced. A day is the longest
    // that anybody should stay away, whatever was announced.
    const retryAfter = left > 0 ? Math.min(Math.max(left, 10), 86400) : MAINTENANCE.retryAfter;
    const type = text(headers, 'content-type');
    const format = type.indexOf('json') > 0 ? 'json' : type.indexOf('html') > 0 ? 'html' : 'txt';
    Object.keys(headers).forEach((name) => {
        if (/^(accept-ranges$|etag$|expires$|last-modified$|x-amz-(meta-|server-side|version|storage|checksum))/.test(name)) {
            delete headers[name];
        }
    });
    const named = always(request, retryAfter);
    Object.keys(named).forEach((name) => {
        headers[name] = named[name];
    });
    headers['content-type'] = { value: MAINTENANCE.types[format] };
    const language = /\/([A-Za-z-]+)\.(html|txt)$/.exec(request.uri);
    if (language && MAINTENANCE.languages.indexOf(language[1]) >= 0) {
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
