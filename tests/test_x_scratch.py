import json
def test_x(desk):
    g=desk.gateway; P=desk.path
    def r(m,p,b=None,**k):
        x=g.request(m,p,b,**k); print(m,p[:60],str(b)[:80],'->',x.status_code,x.headers.get('content-type'),x.text[:330].replace('\n',' ')); return x
    def raw(m,p,data,ct='application/json'):
        x=g.session.request(m,g.url+p,data=data,headers={'Authorization':f'Bearer {g.api_key}','Content-Type':ct}); print(m,p[:40],data[:60],ct,'->',x.status_code,x.text[:330]); return x
    raw('POST','/v1/clients',b'{"name": ')
    raw('POST','/v1/clients',b'\xff\xfe')
    raw('POST','/v1/clients',b'[]')
    raw('POST','/v1/clients',b'null')
    raw('POST','/v1/clients',b'"x"')
    raw('POST','/v1/clients',b'')
    raw('POST','/v1/clients',b'<a/>','text/xml')
    raw('POST','/v1/clients',b'{"name":"A","country":"MA"}','application/x-www-form-urlencoded')
    raw('POST','/v1/clients',b'{"name":"A","country":"MA"}','application/json; charset=utf-8')
    raw('POST','/v1/clients',b'{"name":"A","name":"B","country":"MA"}')
    raw('POST','/v1/clients',b'{"name":"A\\ud800","country":"MA"}')
    raw('POST','/v1/clients',('['*100000).encode())
    r('POST','/v1/clients',{'name':'A','country':'MA','nonsense':1})
    r('POST','/v1/clients',{'name':'A\0','country':'MA'})
    r('POST','/v1/clients',{'name':'A','country':'MA','external_ref':'a\0b'})
    r('POST','/v1/clients',{'name':'A','country':'MA','external_ref':None,'logo_url':'ftp://x'})
    r('POST','/v1/clients',{'name':'A','country':'MA','default_language':None})
    r('POST','/v1/clients',{'name':'A','country':'MA','hold_introductions_until_named':None})

    r('GET','/v1/clients/nonsense'); r('GET','/v1/clients/cli_00000000000000000000000000'); r('GET','/v1/clients/cli_zzzzzzzzzzzzzzzzzzzzzzzzzz')
    r('GET','/v1/nothing'); r('GET','/nothing'); r('DELETE','/v1/clients'); r('POST','/webhooks/suppliers/nobody/voice'); r('POST','/webhooks/suppliers/twilio/voice'); r('PUT','/webhooks/whatsapp')
    base={'line_id':desk.line['id'],'recruiter_id':desk.recruiter}
    for c in [{'name':'I','phone':'12'},{'name':'I','phone':'abc'},{'name':'I'},{'name':'I\0','phone':'0661000001'},{'name':'I','phone':'0661000001','ats_candidate_id':'\0'},{'name':'I','phone':'0661000001','opt_in':{'source':'a\0','obtained_at':'2026-01-01T00:00:00Z'}},{'name':'I','phone':'0661000001','opt_in':{'source':'a','obtained_at':'2026-01-01T00:00:00'}},{'name':'I','phone':'0661000001'*3},{'name':'I','phone':'0661\0'},{'name':'I','bsuid':'MA.12\n'},{'name':'I','phone':'','bsuid':''},{'name':'\ud800','phone':'0661000001'},{'name':' ','phone':'0661000001'}]:
        r('POST',f'{P}/conversations',{**base,'candidate':c})
    r('POST',f'{P}/conversations',{**base,'candidate':{'name':'I','phone':'0661000002'},'application_ref':'a\0'})
    v=g.talk(desk.client,desk.line['id'],desk.recruiter)['id']
    for b in [{'type':'text'},{'type':'text','text':{}},{'type':'text','text':{'body':''}},{'type':'text','text':{'body':'a\0'}},{'type':'text','text':'x'},{'type':'image','image':{}},{'type':'template','template':{'name':'a\0','language':{'code':'en'}}},{'type':'text','template':{'name':'a','language':{'code':'en'}}},{'text':{'body':'x'}},{'type':'text','text':{'body':'x'},'template':{'name':'a','language':{'code':'en'}}}]:
        r('POST',f'{P}/conversations/{v}/messages',b)
    r('POST',f'{P}/lines',{'case':'nope'}); r('POST',f'{P}/lines',{'case':'groups'}); r('POST',f'{P}/lines',{'case':'virtual-number','country':'morocco'})
    r('POST',f'{P}/recruiters',{'name':'S','email':'nope'}); r('POST',f'{P}/recruiters',{'name':'S','email':'a\0@b.c'}); r('POST',f'{P}/recruiters',{'name':'Sara El Amrani','email':'SARA.el.amrani@example.com'})
    def doc(files,data): 
        x=g.session.post(g.url+P+'/documents',files=files,data=data,headers={'Authorization':f'Bearer {g.api_key}'}); print('doc',str(files)[:50],data,x.status_code,x.text[:300])
    doc({'file':('a.pdf',b'MZ program')},{'kind':'rc'}); doc({'file':('a.pdf',b'%PDF-x')},{'kind':'nope'}); doc({'file':('a.pdf',b'%PDF-x')},{}); doc(None,{'kind':'rc'}); doc({'other':('a',b'%PDF-')},{'kind':'rc'}); doc({'file':('a\0\n.pdf',b'%PDF-x')},{'kind':'rc'}); doc({'file':('a.pdf',b'%PDF-x')},{'kind':'rc','extra':'1'})
    r('POST',f'{P}/documents',{'kind':'rc'})
    x=g.session.get(g.url+P); print(x.status_code,x.headers)
    x=g.session.post(g.url+P+'/recruiters/'+desk.recruiter+'/leave',headers={'Authorization':f'Bearer {g.api_key}'}); print(x.status_code,x.text[:200])
