# ibid behind Varnish: answers are kept until ibid says that something they show was touched. It needs xkey of Debian's
# varnish-modules, and these settings of ibid:
#
#   [purge]
#   address = "http://127.0.0.1:6081/"
#
# `.ci/varnish` runs it.
vcl 4.1;

import std;
import xkey;

backend ibid {
    .host = "127.0.0.1";
    .port = "8080";
}

# Who may purge.
acl ours {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ ours || !req.http.xkey-purge) {
            return (synth(405, "Not allowed"));
        }
        set req.http.gone = xkey.purge(req.http.xkey-purge);
        return (synth(200, "Purged"));
    }
    # Editors are never answered from here; event streams are passed on as they come.
    if (req.url ~ "^/v1/(manage|auth)/" || req.http.Authorization) {
        return (pass);
    }
    if (req.url ~ "^/v1/events") {
        return (pipe);
    }
    # Asked because of an event: nothing from before it may answer.
    if (req.url ~ "^/v1/sync") {
        return (pass);
    }
}

sub vcl_backend_response {
    if (beresp.http.Surrogate-Key) {
        set beresp.http.xkey = beresp.http.Surrogate-Key;
    }
    # How long it is given beyond its time is what stale-while-revalidate says of it: Varnish sets beresp.grace so by itself.
    set beresp.keep = 1d;
}

sub vcl_deliver {
    unset resp.http.xkey;
    if (obj.hits > 0) {
        set resp.http.X-Cache = "hit";
    } else {
        set resp.http.X-Cache = "miss";
    }
}

sub vcl_synth {
    if (req.http.gone) {
        set resp.http.X-Purged = req.http.gone;
    }
}
