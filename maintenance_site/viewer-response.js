// Runs before the page goes to the viewer. The render step prepends `const MAINTENANCE = {...};`.
//
// The status alone is replaced: CloudFront keeps the body that the bucket or the cache answered.
// The bucket's validators go, because a 503 must not be revalidated into a 304.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
function handler(event) {
    const response = event.response;
    response.statusCode = 503;
    response.statusDescription = 'Service Unavailable';
    ['accept-ranges', 'etag', 'expires', 'last-modified'].forEach((name) => {
        delete response.headers[name];
    });
    Object.keys(MAINTENANCE.headers).forEach((name) => {
        response.headers[name] = { value: MAINTENANCE.headers[name] };
    });
    return response;
}
