-- For wrk: sends the requests of a file in turn. Arguments: the file, how long each is, where to begin.
local requests, turn = {}, 0

function init(args)
    local file = assert(io.open(args[1], "rb"))
    local request = file:read(tonumber(args[2]))
    while request do
        requests[#requests + 1] = request
        request = file:read(tonumber(args[2]))
    end
    turn = tonumber(args[3])
end

function request()
    turn = turn + 1
    return requests[turn % #requests + 1]
end

function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format("measured %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
