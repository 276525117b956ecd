-- wrk -s requests.lua URL -- KIND RUN ROOM…
local requests = {}
local next = 0

function init(arguments)
    local kind, run = arguments[1], arguments[2]
    wrk.headers["Content-Type"] = "application/json"
    local text = string.rep("the quick brown fox jumps over the lazy dog ", 3)
    for i = 3, #arguments do
        local path = "/api/v1/rooms/" .. arguments[i]
        if kind == "cached" then
            requests[#requests + 1] = wrk.format("GET", path)
        elseif kind == "read" then
            requests[#requests + 1] = wrk.format("GET", path .. "/messages?limit=20")
        else
            -- The id of the message has the same length in each, so that it can be put in later.
            local body = '{"sender":"ann","body":"' .. text .. '","client_msg_id":"' .. run .. '-0000000000"}'
            requests[#requests + 1] = wrk.format("POST", path .. "/messages", nil, body)
        end
    end
    is_send = kind == "send"
end

function request()
    next = next + 1
    local text = requests[next % #requests + 1]
    if not is_send then return text end
    return string.sub(text, 1, -13) .. string.format("%010d", next) .. '"}'
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format('\n{"requests":%d,"seconds":%f,"failed":%d,"p50_ms":%f,"p99_ms":%f}\n', summary.requests,
        summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
