"""CloudFront's own figures."""

REPLACED_STATUS_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""Every code for which CloudFront has custom error responses; the distribution declares one for each.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-response-code.html
"""
