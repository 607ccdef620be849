// Runs before the cache looks at a request. The render step prepends `const MAINTENANCE = {...};`.
//
// GET and HEAD of every path and host become a plain request for the one page in the bucket. Without
// their conditions and ranges: CloudFront would answer those with 304 and 206 and so with no page, or a
// part of it, and viewer-response would put 503 on that.
//
// Every other method is answered here: CloudFront never caches it, and the bucket would refuse it.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
function handler(event) {
    const request = event.request;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
        const headers = { 'content-type': { value: 'text/plain; charset=utf-8' } };
        Object.keys(MAINTENANCE.headers).forEach((name) => {
            headers[name] = { value: MAINTENANCE.headers[name] };
        });
        return {
            statusCode: 503,
            statusDescription: 'Service Unavailable',
            headers: headers,
            body: { encoding: 'base64', data: MAINTENANCE.text },
        };
    }
    ['if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'range'].forEach((name) => {
        delete request.headers[name];
    });
    request.uri = MAINTENANCE.page;
    request.querystring = {};
    return request;
}
