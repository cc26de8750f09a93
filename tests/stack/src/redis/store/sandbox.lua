-- Makes a plain Lua 5.1 state into what a Redis 7 script sees. Called once with the functions that Rust provides; gives back two
-- functions: one that compiles a script and one that runs it.
local call, pcall_, failure, sha1hex, log, cjson = ...

local raise, kind, text, select_, getinfo = error, type, tostring, select, debug.getinfo
local xpcall, setfenv, setmetatable, loadstring = xpcall, setfenv, setmetatable, loadstring
local HERE = '@sandbox'

-- An error reply as scripts see it: the code is the first word; a text of one word has none and gets ERR.
local function error_reply(words)
    if words:sub(1, 1) == '-' then words = words:sub(2) end
    words = words:gsub('[\r\n]+$', ''):gsub('[\r\n]', ' ')
    if not words:find(' ', 1, true) then words = 'ERR ' .. words end
    return { err = words }
end

local redis = {
    call = call,
    pcall = pcall_,
    error_reply = function(...)
        if select_('#', ...) ~= 1 or kind((...)) ~= 'string' then return { err = 'ERR wrong number or type of arguments' } end
        return error_reply((...))
    end,
    status_reply = function(...)
        if select_('#', ...) ~= 1 or kind((...)) ~= 'string' then return { err = 'ERR wrong number or type of arguments' } end
        return { ok = (...) }
    end,
    sha1hex = sha1hex,
    log = log,
    replicate_commands = function() return true end,
    set_repl = function() end,
    setresp = function(version)
        if version ~= 2 then raise({ err = 'ERR RESP version must be 2 or 3.' }, 0) end
    end,
    LOG_DEBUG = 0, LOG_VERBOSE = 1, LOG_NOTICE = 2, LOG_WARNING = 3,
    REPL_NONE = 0, REPL_AOF = 1, REPL_SLAVE = 2, REPL_REPLICA = 2, REPL_ALL = 3,
    REDIS_VERSION = '7.0.15', REDIS_VERSION_NUM = 0x0007000f,
}

-- `redis.call` raises an error object of Rust; scripts expect a table. It must be no Lua function around it: a tail call to one would
-- take the script's own line out of the error.
local function as_table(err)
    if kind(err) == 'userdata' then return { err = failure(err) } end
    return err
end
local plain_pcall = pcall
local function checked(fine, ...)
    if fine then return fine, ... end
    local err = as_table((...))
    -- Redis' own pcall unwraps error tables.
    if kind(err) == 'table' and kind(err.err) == 'string' then err = err.err end
    return fine, err
end

local function read_only(table)
    return setmetatable({}, {
        __index = table,
        __newindex = function() raise('Attempt to modify a readonly table', 2) end,
        __metatable = false,
    })
end

local visible = {
    assert = assert, collectgarbage = collectgarbage, error = error, gcinfo = gcinfo, getmetatable = getmetatable, ipairs = ipairs,
    next = next, pairs = pairs, rawequal = rawequal, rawget = rawget, rawset = rawset, select = select,
    setmetatable = setmetatable, tonumber = tonumber, tostring = tostring, type = type, unpack = unpack,
    pcall = function(...) return checked(plain_pcall(...)) end,
    xpcall = function(body, handler) return xpcall(body, function(err) return handler(as_table(err)) end) end,
    _VERSION = _VERSION,
    string = read_only(string), table = read_only(table), math = read_only(math), cjson = read_only(cjson),
    redis = read_only(redis),
}
local globals = setmetatable({}, {
    __index = function(_, name)
        local value = visible[name]
        if value == nil then
            raise("Script attempted to access nonexistent global variable '" .. text(name) .. "'", 2)
        end
        return value
    end,
    __newindex = function() raise('Attempt to modify a readonly table', 2) end,
    __metatable = false,
})
visible._G = globals
visible.loadstring = function(...)
    local loaded, words = loadstring(...)
    if loaded then setfenv(loaded, globals) end
    return loaded, words
end
-- Strings carry their methods in a metatable of their own, which a script could reach and change for all later ones.
getmetatable('').__metatable = false

-- Adds to an error where in the script it was raised.
local function with_place(err)
    err = as_table(err)
    if kind(err) ~= 'table' then err = { err = 'ERR ' .. text(err) } end
    local level = 2
    local place = getinfo(level, 'Sl')
    while place and (place.what == 'C' or place.source == HERE) do
        level = level + 1
        place = getinfo(level, 'Sl')
    end
    if place then
        err.source, err.line = place.source, place.currentline
    end
    return err
end

local function compile(source)
    local script, words = loadstring(source, '@user_script')
    if not script then return nil, words end
    return setfenv(script, globals)
end

local function run(script, keys, arguments)
    visible.KEYS, visible.ARGV = keys, arguments
    local fine, result = xpcall(script, with_place)
    visible.KEYS, visible.ARGV = nil, nil
    if fine then return result end
    if kind(result) ~= 'table' or kind(result.err) ~= 'string' then return nil, 'ERR ' .. text(result) end
    return nil, result.err, result.source, result.line
end

return compile, run
