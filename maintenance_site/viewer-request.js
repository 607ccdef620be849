// Runs before the cache looks at a request: decides in which form and language it is answered.
//
// GET and HEAD of every path become a plain request for one object in the bucket. Without their
// conditions and ranges: CloudFront would answer those with 304 and 206 and so with no page, or a part of
// it, and viewer-response would put 503 on that.
//
// Every other method is answered here: CloudFront never caches it, and the bucket would refuse it.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
function handler(event) {
    const request = event.request;
    const headers = request.headers;
    const reading = request.method === 'GET' || request.method === 'HEAD';
    if (request.method === 'OPTIONS' && headers.origin && headers['access-control-request-method']) {
        return preflight(request);
    }
    const small = /^\/(\.well-known\/|(robots\.txt|sitemap\.xml|favicon\.ico|apple-touch-icon[^/]*)$)/i.test(request.uri.slice(0, 64));
    if (!reading || small) {
        return answer(request, small);
    }
    const format = formatOf(headers);
    const folder = folderOf(headers);
    const name = format === 'json' ? 'problem' : languageOf(headers, folder);
    ['if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'range'].forEach((one) => {
        delete headers[one];
    });
    request.uri = `/${folder}/${name}.${format}`;
    request.querystring = {};
    return request;
}

// A browser sends the real request, and lets its app see the 503, only after a 2xx here.
// https://fetch.spec.whatwg.org/#http-cors-protocol
function preflight(request) {
    const headers = always(request, patience(request, '', SITE.retryAfter));
    headers['access-control-allow-methods'] = { value: text(request.headers, 'access-control-request-method') };
    headers['access-control-max-age'] = { value: '0' };
    const wanted = text(request.headers, 'access-control-request-headers');
    if (wanted) {
        headers['access-control-allow-headers'] = { value: wanted };
    }
    return { statusCode: 204, statusDescription: 'No Content', headers: headers };
}

function answer(request, small) {
    const format = small ? 'txt' : formatOf(request.headers);
    const retryAfter = patience(request, format, SITE.retryAfter);
    const headers = always(request, retryAfter);
    const language = languageOf(request.headers, folderOf(request.headers));
    const words = SITE.words[language];
    let body = small ? 'Service Unavailable\n' : `${words[0]}\n\n${words[1]}\n`;
    if (format === 'json') {
        body = problem(retryAfter, false, '');
    } else if (format === 'html') {
        body = `<!DOCTYPE html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>${words[0]}</title><link rel="icon" href="data:,"><main><h1>${words[0]}</h1><p>${words[1]}</p></main></html>
`;
    }
    headers['content-type'] = { value: SITE.types[format] };
    if (format !== 'json' && !small) {
        headers['content-language'] = { value: language };
    }
    const response = { statusCode: 503, statusDescription: 'Service Unavailable', headers: headers };
    if (request.method !== 'HEAD') {
        response.body = { encoding: 'text', data: body };
    }
    return response;
}

// The folder of a host's page; a wildcard stands for any number of labels, the nearest one counts.
function folderOf(headers) {
    let name = text(headers, 'host', 255).toLowerCase().split(':')[0];
    // No wildcard has more labels behind its star than `depth`.
    let labels = SITE.depth ? name.split('.').slice(1).slice(-SITE.depth) : [];
    while (name) {
        for (const folder in SITE.folders) {
            if (` ${SITE.folders[folder][1]} `.indexOf(` ${name} `) >= 0) {
                return folder;
            }
        }
        name = labels.length ? `*.${labels.join('.')}` : '';
        labels = labels.slice(1);
    }
    return SITE.fallback;
}

// The members of Accept or Accept-Language with their weight, those of weight 0 left out. The first 16 within
// 256 characters count: browsers send half of it. A member that is cut off does not.
function weighed(headers, name) {
    const list = text(headers, name, 257);
    const members = list.slice(0, 256).toLowerCase().split(',');
    if (list.length > 256) {
        members.pop();
    }
    return members.slice(0, 16).map((member) => {
        const weight = /;\s*q\s*=\s*([0-9.]+)/.exec(member);
        return { name: member.split(';')[0].trim(), weight: weight ? Number(weight[1]) : 1 };
    }).filter((member) => member.name && member.weight > 0);
}

// HTML and JSON only for those who name them; */* is what tools send that will read anything.
function formatOf(headers) {
    let best = { format: '', weight: 0 };
    weighed(headers, 'accept').forEach((member) => {
        let format = '';
        if (member.name === 'text/html' || member.name === 'application/xhtml+xml') {
            format = 'html';
        } else if (/^application\/(\*|json|[^,]*\+json)$/.test(member.name)) {
            format = 'json';
        } else if (member.name === 'text/plain' || member.name === 'text/*') {
            format = 'txt';
        }
        if (format && member.weight > best.weight) {
            best = { format: format, weight: member.weight };
        }
    });
    // Who sends JSON and takes anything is an API client too.
    const sendsJson = /^application\/([^;,]*\+)?json/i.test(text(headers, 'content-type', 128));
    return best.format || (sendsJson ? 'json' : 'txt');
}

// RFC 4647 lookup: each wish in turn, cut off from its end until something offered begins with it.
function languageOf(headers, folder) {
    const fallback = SITE.folders[folder][0];
    const wishes = weighed(headers, 'accept-language').sort((one, other) => other.weight - one.weight);
    for (let i = 0; i < wishes.length; i++) {
        if (wishes[i].name === '*') {
            return fallback;
        }
        // Language, script and region: nothing offered has more.
        const tags = wishes[i].name.split('-').slice(0, 3);
        for (; tags.length; tags.pop()) {
            const offered = SITE.offered[tags.join('-')];
            if (typeof offered === 'string') {
                return offered;
            }
        }
    }
    return fallback;
}
