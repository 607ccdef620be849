// What both edge functions say alike. The render step prepends `const SITE = {...};`.
//
// CloudFront's JavaScript runtime 2.0 has no for-of, destructuring, spread or optional chaining.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html

// A header of a request as one text; several of one name count as one list. No more of it than `limit`
// characters: a viewer chooses the length, and an owner pays for the work.
function text(headers, name, limit) {
    const header = headers[name];
    if (!header) {
        return '';
    }
    return (header.multiValue || [header]).slice(0, 16).map((one) => one.value).join(',').slice(0, limit || 1000);
}

// Seconds until this client should try again. Crawlers, and browsers with a page to show, get them all; programs such as
// pip, got and axios-retry wait them out without a word, so they get ten minutes at most.
function patience(request, format, seconds) {
    const waits = format === 'html' || /bot|crawl|spider|slurp/i.test(text(request.headers, 'user-agent'));
    return waits ? seconds : Math.min(seconds, 600);
}

// Headers of every answer to `request`.
function always(request, retryAfter) {
    const headers = { 'retry-after': { value: String(retryAfter) } };
    Object.keys(SITE.headers).forEach((name) => {
        headers[name] = { value: SITE.headers[name] };
    });
    const origin = text(request.headers, 'origin');
    if (origin) {
        // Nothing here is secret: an app of any origin may see that its API is down, and for how long.
        headers['access-control-allow-origin'] = { value: origin };
        headers['access-control-allow-credentials'] = { value: 'true' };
        headers['access-control-expose-headers'] = { value: SITE.exposed };
    }
    return headers;
}

// https://www.rfc-editor.org/rfc/rfc9457
function problem(retryAfter, planned, endsAt) {
    const document = {
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        detail: planned ? 'Down for planned maintenance.' : 'Temporarily unavailable. Please try again later.',
        retry_after: retryAfter,
    };
    if (endsAt) {
        document.ends_at = endsAt;
    }
    return `${JSON.stringify(document)}\n`;
}
